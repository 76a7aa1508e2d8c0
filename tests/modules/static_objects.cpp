// Objects of static storage: their constructors run before main, in the order of the file, their destructors at exit.
#include "check.h"

static int order[4];
static int count;

struct Noting {
    explicit Noting(int id) : id(id) { order[count++] = id; }
    ~Noting() { count--; }
    int id;
};

static Noting first(1);
static Noting second(2);
static int computed = first.id + second.id;

int main()
{
    CHECK(count == 2);
    CHECK(order[0] == 1 && order[1] == 2);
    CHECK(computed == 3);
    return 0;
}
