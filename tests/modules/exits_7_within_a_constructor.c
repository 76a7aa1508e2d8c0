//@ flavours: gcc-default clang-default
/* exit inside a constructor ends the program with its status; main never runs. */
#include <stdlib.h>

__attribute__((constructor)) static void leave(void)
{
    exit(7);
}

int main(void)
{
    return 1;
}
