// What add.clif calls.
#include <stdio.h>

void tell(void)
{
    puts("adding");
}
