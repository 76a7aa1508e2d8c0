// Local statics are constructed at the first call that passes them, once, under a guard.
#include "check.h"

static int constructed;

struct Counter {
    explicit Counter(int start) : value(start) { constructed++; }
    ~Counter() { constructed--; }
    int value;
};

__attribute__((noinline)) static int next(int start)
{
    static Counter counter(start);
    return counter.value++;
}

int main()
{
    CHECK(constructed == 0);
    CHECK(next(10) == 10 && next(99) == 11 && next(0) == 12);
    CHECK(constructed == 1);
    return 0;
}
