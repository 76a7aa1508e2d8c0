/* exit inside main ends the program with its status. */
#include <stdlib.h>

__attribute__((noinline)) static void leave(int status)
{
    exit(status);
}

int main(void)
{
    leave(3);
    return 0;
}
