//@ options: -std=c++17
// operator new and delete, for objects and arrays, with constructors and destructors counted.
#include "check.h"

static int alive;

struct Counted {
    Counted() : value(alive) { alive++; }
    ~Counted() { alive--; }
    int value;
};

struct alignas(256) Aligned {
    char bytes[256];
};

int main()
{
    Counted *one = new Counted;
    Counted *many = new Counted[10];
    CHECK(alive == 11 && many[9].value == 10);
    delete[] many;
    CHECK(alive == 1);
    delete one;
    CHECK(alive == 0);
    int *numbers = new int[1000]();
    CHECK(numbers[999] == 0);
    delete[] numbers;
    Aligned *aligned = new Aligned[3];
    CHECK(reinterpret_cast<unsigned long>(UNKNOWN(Aligned *, aligned)) % 256 == 0);
    delete[] aligned;
    return 0;
}
