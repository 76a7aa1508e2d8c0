//@ flavours: gcc-default gcc-O2 clang-default clang-O2
/* Arguments and results cross from object to object by value, as many as registers and stack take. */
#include "../check.h"
#include "values.h"

int main(void)
{
    struct large large = {{1, 2, 3, 4, 5, UNKNOWN(long, 6)}};
    struct large shifted = shift(large, 10);
    CHECK(shifted.values[0] == 11 && shifted.values[5] == 16 && large.values[5] == 6);
    struct mixed mixed = scale((struct mixed){1.5, UNKNOWN(int, 4)});
    CHECK(mixed.x == 6.0 && mixed.n == -4);
    double sum = weigh(1, 2, 3, 4, 5, 6, 7, 8, UNKNOWN(double, 9), 1, 2, 3, 4, 5, 6, 7, 8, UNKNOWN(int, 9));
    CHECK(sum == 285.0 + 2850.0);
    return 0;
}
