//@ flavours: gcc-default gcc-O2 gcc-noplt gcc-large clang-default clang-O2
/* Three objects that call each other in a circle, and take functions of two archives, one of which needs the other. */
#include "../check.h"

int is_even(unsigned number);
int is_odd(unsigned number);
int scale(int number);
int shift(int number);
int twice(int number);
int enter(void);

static int entered;

int enter(void) { return ++entered; }

int main(void)
{
    CHECK(is_even(UNKNOWN(unsigned, 10)) == 1);
    CHECK(is_odd(UNKNOWN(unsigned, 10)) == 0);
    CHECK(entered == 22);
    CHECK(scale(UNKNOWN(int, 4)) == 12);
    CHECK(shift(UNKNOWN(int, 4)) == 104);
    CHECK(twice(UNKNOWN(int, 21)) == 42);
    entered = 0;
    return 0;
}
