/* Addresses of labels within a function: relocations against a section's symbol with an addend. */
#include "check.h"

static int run(const unsigned char *program)
{
    static const void *const operations[] = {&&stop, &&increment, &&twice, &&negate};
    int value = 1;
    goto *operations[*program];
increment:
    value++;
    goto *operations[*++program];
twice:
    value *= 2;
    goto *operations[*++program];
negate:
    value = -value;
    goto *operations[*++program];
stop:
    return value;
}

int main(void)
{
    static const unsigned char program[] = {1, 2, 2, 3, 1, 0};
    CHECK(run(program) == -7);
    return 0;
}
