/* long double: x87 registers on x86-64; on aarch64 helpers of the compiler's own archive, such as __multf3. */
#include "check.h"

__attribute__((noinline)) static long double power(long double base, unsigned exponent)
{
    long double result = 1;
    while (exponent--)
        result *= base;
    return result;
}

int main(void)
{
    CHECK(power(UNKNOWN(double, 3), 30) == 205891132094649.0L);
    CHECK(power(0.5L, 60) * power(2.0L, 60) == 1.0L);
    long double third = (long double)UNKNOWN(double, 1) / 3;
    CHECK(third * 3 > 0.9999999999999999L && third < 0.34L);
    CHECK((long)UNKNOWN(long double, -7.9L) == -7);
    CHECK((double)(third - 0.25L) > 0.083);
    return 0;
}
