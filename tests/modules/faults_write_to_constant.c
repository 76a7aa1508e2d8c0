/* A store to constant data: its page is mapped without write. */
static const int constants[4] = {1, 2, 3, 4};

int main(void)
{
    const int *volatile constant = constants;
    *(volatile int *)constant = 9;
    return 0;
}
