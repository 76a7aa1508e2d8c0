/* Integers of all widths, signed and not. */
#include "check.h"
#include <stdint.h>

static uint32_t collatz_steps(uint64_t n)
{
    uint32_t steps = 0;
    while (n != 1) {
        n = n % 2 ? 3 * n + 1 : n / 2;
        steps++;
    }
    return steps;
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
    return b ? gcd(b, a % b) : a;
}

int main(void)
{
    CHECK(collatz_steps(UNKNOWN(uint64_t, 27)) == 111);
    CHECK(gcd(UNKNOWN(uint64_t, 3ull << 40), 9ull << 33) == 3ull << 33);
    CHECK((int8_t)UNKNOWN(int, 200) == -56);
    CHECK(UNKNOWN(int, -7) / 2 == -3 && UNKNOWN(int, -7) % 2 == -1);
    CHECK(UNKNOWN(int64_t, -1) >> 63 == -1);
    CHECK((uint32_t)UNKNOWN(uint64_t, 0x123456789) == 0x23456789);
    CHECK(UNKNOWN(uint64_t, 0xffffffffffffffff) / 10 == 1844674407370955161u);
    CHECK((int16_t)(UNKNOWN(int, 0x7fff) + 1) == -32768);
    return 0;
}
