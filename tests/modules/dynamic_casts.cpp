// dynamic_cast down, across and to the whole object, by type information of both objects' making; a failed one is null.
#include "check.h"

struct Animal { virtual ~Animal() {} };
struct Dog : Animal { int legs = 4; };
struct Puppy : Dog { int weeks = 6; };
struct Swimmer { virtual ~Swimmer() {} };
struct Otter : Animal, Swimmer { int fish = 3; };
struct Duck : virtual Animal, virtual Swimmer { int feathers = 9; };

int main()
{
    Puppy puppy;
    Otter otter;
    Duck duck;
    Animal *animals[] = {&puppy, &otter, &duck};
    Dog *dog = dynamic_cast<Dog *>(animals[UNKNOWN(int, 0)]);
    CHECK(dog && dog->legs == 4);
    CHECK(dynamic_cast<Dog *>(animals[UNKNOWN(int, 1)]) == nullptr);
    Swimmer *swimmer = dynamic_cast<Swimmer *>(animals[1]);
    CHECK(swimmer == &otter);
    CHECK(dynamic_cast<Otter *>(swimmer)->fish == 3);
    CHECK(dynamic_cast<void *>(swimmer) == &otter);
    CHECK(dynamic_cast<Duck *>(animals[2])->feathers == 9);
    CHECK(dynamic_cast<Puppy *>(static_cast<Animal *>(&duck)) == nullptr);
    return 0;
}
