/* Another object that uses an indirect function without knowing that it is one. */
#include "indirect.h"

int defined_elsewhere(int value)
{
    return value + 30;
}

int call_from_elsewhere(int value)
{
    return global_choice(value);
}

function *address_from_elsewhere(void)
{
    return global_choice;
}
