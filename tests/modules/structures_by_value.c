/* Structures passed and returned by value, in registers and in memory. */
#include "check.h"

struct pair { long a, b; };
struct mixed { double x; int n; };
struct large { long values[6]; };

__attribute__((noinline)) static struct pair swap(struct pair p) { return (struct pair){p.b, p.a}; }
__attribute__((noinline)) static struct mixed scale(struct mixed m) { return (struct mixed){m.x * m.n, -m.n}; }
__attribute__((noinline)) static struct large shift(struct large l, long by)
{
    for (int i = 0; i < 6; i++)
        l.values[i] += by;
    return l;
}

int main(void)
{
    struct pair pair = swap((struct pair){UNKNOWN(long, 1), 2});
    CHECK(pair.a == 2 && pair.b == 1);
    struct mixed mixed = scale((struct mixed){1.5, UNKNOWN(int, 4)});
    CHECK(mixed.x == 6.0 && mixed.n == -4);
    struct large large = {{1, 2, 3, 4, 5, 6}};
    struct large shifted = shift(large, 10);
    CHECK(shifted.values[5] == 16 && large.values[5] == 6);
    return 0;
}
