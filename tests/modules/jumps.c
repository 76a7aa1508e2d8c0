/* setjmp returns again when longjmp is called further down, with the registers and the stack of then. */
#include "check.h"
#include <setjmp.h>

static jmp_buf place;
static int depth;

__attribute__((noinline)) static void descend(int levels)
{
    depth++;
    if (levels == 0)
        longjmp(place, 42);
    descend(levels - 1);
    depth = -1;
}

int main(void)
{
    volatile int before = 7;
    double kept = UNKNOWN(double, 1.5);
    int returned = setjmp(place);
    if (returned == 0)
        descend(UNKNOWN(int, 10));
    CHECK(returned == 42);
    CHECK(depth == 11 && before == 7 && kept == 1.5);
    return 0;
}
