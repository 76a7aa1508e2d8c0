//@ flavours: gcc-default clang-default
/* A fault report names static functions, too. */
int *volatile nowhere;

__attribute__((noinline)) static int write_nowhere(void)
{
    *nowhere = 1;
    return *nowhere;
}

int main(void)
{
    return write_nowhere();
}
