//@ flavours: gcc-default clang-default gcc-pic-O0 clang-nopic-O0
/* Recursion without end meets the page below the stack, which is not mapped. */
__attribute__((noinline)) static int deeper(volatile int *above)
{
    volatile int here[256];
    here[0] = *above + 1;
    return deeper(here) + here[0];
}

int main(void)
{
    volatile int start = 0;
    return deeper(&start);
}
