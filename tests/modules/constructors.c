/* Constructors run before main, by priority, those without one last and in the order of the file. */
#include "check.h"

static char order[8];
static int count;

static void note(char which) { order[count++] = which; }

__attribute__((constructor)) static void plain_first(void) { note('p'); }
__attribute__((constructor(300))) static void at_300(void) { note('3'); }
__attribute__((constructor(200))) static void at_200(void) { note('2'); }
__attribute__((constructor(101))) static void at_101(void) { note('1'); }
__attribute__((constructor)) static void plain_second(void) { note('q'); }

int main(void)
{
    CHECK(count == 5);
    CHECK(order[0] == '1');
    CHECK(order[1] == '2');
    CHECK(order[2] == '3');
    CHECK(order[3] == 'p' && order[4] == 'q');
    return 0;
}
