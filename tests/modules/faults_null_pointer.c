/* A store through a null pointer: the report names the function. */
__attribute__((noinline)) static void store(int *where)
{
    *(volatile int *)where = 1;
}

int main(void)
{
    int *volatile nowhere = 0;
    store(nowhere);
    return 0;
}
