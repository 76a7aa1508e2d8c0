//@ flavours: gcc-default clang-default
/* A constructor that faults ends the program, and the load is undone. */
int *volatile nowhere;

__attribute__((constructor)) static void fault(void)
{
    *nowhere = 1;
}

int main(void)
{
    return 0;
}
