/* What constructors alone need is given back once they have run; what is needed later stays, whatever its section is called. */
#include "check.h"

#define INIT __attribute__((section(".init.text"), noinline))
#define INIT_DATA __attribute__((section(".init.data")))
#define LATER __attribute__((section(".init.text.later"), noinline))
#define LATER_DATA __attribute__((section(".init.data.later")))

static int table[4];
static volatile int seed INIT_DATA = 7;
static volatile int offset LATER_DATA = 5;

static INIT int from_seed(int index) { return index * seed; }

static INIT __attribute__((constructor)) void fill(void)
{
    for (int index = 0; index < 4; index++)
        table[index] = from_seed(index);
}

static LATER int moved(int value) { return value + offset; }
static LATER int escaping(int value) { return moved(value) * 2; }

/* Whoever holds this may call it when all constructors have run. */
int (*volatile escaped)(int) = escaping;

int main(void)
{
    CHECK(table[1] == 7 && table[3] == 21);
    CHECK(escaped(1) == 12);
    return 0;
}
