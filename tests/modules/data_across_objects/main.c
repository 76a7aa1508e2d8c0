/* Static, global and external data, and pointers into them that the linker writes. */
#include "../check.h"
#include "data.h"
#include <string.h>

static int initialised = 7;
static int zero;
static int *pointer_into_array = &zeroed[997];

int main(void)
{
    counter++;
    CHECK(*counter_address == 42);
    CHECK(!strcmp(names[UNKNOWN(int, 2)], "three"));
    for (int i = 0; i < 1000; i++)
        CHECK(zeroed[i] == 0);
    pointer_into_array[2] = initialised;
    CHECK(zeroed[999] == 7);
    int sum = 0;
    for (struct node *node = list; node; node = node->next)
        sum = sum * 10 + node->value;
    CHECK(sum == 123);
    CHECK(bytes[UNKNOWN(int, 4)] == 255);
    zero += 5;
    CHECK(zero == 5);
    return 0;
}
