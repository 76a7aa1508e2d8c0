// init_priority orders objects of static storage against each other, whatever their order in the file.
#include "check.h"

static char order[4];
static int count;

struct Noting {
    explicit Noting(char id) { order[count++] = id; }
};

static Noting plain('p');
__attribute__((init_priority(2000))) Noting late('l');
__attribute__((init_priority(200))) Noting early('e');
__attribute__((constructor(150))) static void before_all() { order[count++] = 'c'; }

int main()
{
    CHECK(count == 4);
    CHECK(order[0] == 'c');
    CHECK(order[1] == 'e');
    CHECK(order[2] == 'l');
    CHECK(order[3] == 'p');
    return 0;
}
