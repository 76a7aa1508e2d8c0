/* Counts, for lines that are compiled where this is loaded. */
#include <stdio.h>

static long count;

long advance(long by)
{
    count += by;
    return count;
}

/* One of the kernel's names: as this module means it, with results of 64 bits. */
long abs(long first, long second)
{
    return first * second;
}

void tell(const char *what)
{
    printf("%s: %ld\n", what, count);
}
