/* A store to the program's own code: its page is mapped without write. */
int main(void)
{
    int (*volatile code)(void) = (int (*)(void))main;
    *(volatile int *)code = 0;
    return 0;
}
