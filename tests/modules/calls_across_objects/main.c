/* Calls and addresses of functions across objects: through the GOT, the PLT, or directly, as the flavour has it. */
#include "../check.h"

int add(int a, int b);
int twice(int (*function)(int), int x);
int is_even(unsigned n);

int is_odd(unsigned n)
{
    return n == 0 ? 0 : is_even(n - 1);
}

static int add_three(int x)
{
    return add(x, 3);
}

static int (*const table[])(int, int) = {add, add};

int main(void)
{
    CHECK(add(UNKNOWN(int, 2), 3) == 5);
    CHECK(twice(add_three, 10) == 16);
    CHECK(is_even(100) && !is_even(7));
    int (*volatile function)(int, int) = add;
    CHECK(function == table[1] && function(4, 5) == 9);
    return 0;
}
