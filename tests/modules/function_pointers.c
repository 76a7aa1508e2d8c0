/* Addresses of functions in tables, in structures and on the stack. */
#include "check.h"
#include <stddef.h>

static int add(int a, int b) { return a + b; }
static int subtract(int a, int b) { return a - b; }
static int multiply(int a, int b) { return a * b; }

static const struct operation {
    char sign;
    int (*apply)(int, int);
} operations[] = {{'+', add}, {'-', subtract}, {'*', multiply}};

static int apply(char sign, int a, int b)
{
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (operations[i].sign == sign)
            return operations[i].apply(a, b);
    return -1;
}

int main(void)
{
    CHECK(apply(UNKNOWN(char, '+'), 20, 3) == 23);
    CHECK(apply(UNKNOWN(char, '-'), 20, 3) == 17);
    CHECK(apply(UNKNOWN(char, '*'), 20, 3) == 60);
    CHECK(apply(UNKNOWN(char, '/'), 20, 3) == -1);
    int (*volatile chosen)(int, int) = operations[1].apply;
    CHECK(chosen == subtract);
    return 0;
}
