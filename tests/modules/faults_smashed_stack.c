//@ flavours: gcc-stack-protector clang-stack-protector
/* A function that writes past its array: the canary is gone when it returns, and the program is ended by name. */
#include <string.h>

__attribute__((noinline)) static int smash(unsigned length)
{
    volatile char small[8];
    for (unsigned i = 0; i < length; i++)
        small[i] = 'x';
    return small[0];
}

int main(void)
{
    volatile unsigned length = 64;
    return smash(length) & 0;
}
