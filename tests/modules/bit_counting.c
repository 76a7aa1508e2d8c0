/* Counting bits: at default flags __popcountdi2 and its like are called on machines without the instruction. */
#include "check.h"

int main(void)
{
    CHECK(__builtin_popcountll(UNKNOWN(unsigned long long, 0xf0f0f0f0f0f0f0f1)) == 33);
    CHECK(__builtin_popcount(UNKNOWN(unsigned, 0x80000001)) == 2);
    CHECK(__builtin_clzll(UNKNOWN(unsigned long long, 1)) == 63);
    CHECK(__builtin_ctz(UNKNOWN(unsigned, 0x50)) == 4);
    CHECK(__builtin_parity(UNKNOWN(unsigned, 7)) == 1);
    CHECK(__builtin_bswap64(UNKNOWN(unsigned long long, 1)) == 1ull << 56);
    return 0;
}
