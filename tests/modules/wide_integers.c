/* 128-bit integers: division calls __divti3 and its like. */
#include "check.h"

typedef __int128 wide;
typedef unsigned __int128 unsigned_wide;

int main(void)
{
    volatile unsigned_wide big = (unsigned_wide)0x123456789abcdef0 << 64 | 0xfedcba9876543210;
    CHECK((unsigned long)(big / 1000000007) == 0x480a8f072d1e6e9a);
    CHECK((unsigned long)(big / 1000000007 >> 64) == 0x4e2fff8a);
    CHECK((unsigned long)(big % 1000000007) == 815114202);
    volatile wide negative = -((wide)1 << 100);
    CHECK((long)(negative / 3 >> 64) == -0x555555556);
    CHECK((long)(negative % 7) == -2);
    CHECK((unsigned long)(big * big >> 64) != 0);
    CHECK(big >> 100 == 0x1234567);
    return 0;
}
