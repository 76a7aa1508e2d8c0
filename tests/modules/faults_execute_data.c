/* A jump to data: its page is mapped without execute. */
static unsigned data[4] = {0xc3c3c3c3, 0xc3c3c3c3};

int main(void)
{
    void (*volatile function)(void) = (void (*)(void))data;
    function();
    return 0;
}
