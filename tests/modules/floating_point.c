/* Floats and doubles: constants, conversions, comparison, and arguments in vector registers. */
#include "check.h"
#include <stdint.h>

__attribute__((noinline)) static double square_root(double x)
{
    double guess = x;
    for (int i = 0; i < 40; i++)
        guess = 0.5 * (guess + x / guess);
    return guess;
}

__attribute__((noinline)) static float mean(const float *values, int count)
{
    float sum = 0;
    for (int i = 0; i < count; i++)
        sum += values[i];
    return sum / (float)count;
}

__attribute__((noinline)) static double nine(double a, double b, double c, double d, double e, double f, double g,
                                             double h, double i)
{
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i;
}

int main(void)
{
    static const float values[] = {1.5f, 2.5f, 3.5f, 4.5f};
    double root = square_root(UNKNOWN(double, 2.0));
    CHECK(root > 1.4142135623 && root < 1.4142135624);
    CHECK(mean(values, 4) == 3.0f);
    CHECK(nine(1, 2, 3, 4, 5, 6, 7, 8, 9) == 285.0);
    CHECK((int)UNKNOWN(double, -3.99) == -3);
    CHECK((double)UNKNOWN(uint64_t, 1ull << 63) == 9223372036854775808.0);
    CHECK((uint64_t)UNKNOWN(double, 1e19) == 10000000000000000000u);
    CHECK(UNKNOWN(double, 0.1) + 0.2 != 0.3);
    CHECK(UNKNOWN(float, 16777216.0f) + 1.0f == 16777216.0f);
    double nan = UNKNOWN(double, 0.0) / UNKNOWN(double, 0.0);
    CHECK(nan != nan);
    return 0;
}
