// typeid: type information across single and multiple inheritance, compared by name.
#include "check.h"
#include <cstring>
#include <typeinfo>

struct Animal { virtual ~Animal() {} };
struct Dog : Animal {};
struct Swimmer { virtual ~Swimmer() {} };
struct Otter : Animal, Swimmer {};
struct Duck : virtual Animal, virtual Swimmer {};

int main()
{
    Dog dog;
    Otter otter;
    Duck duck;
    Animal *animals[] = {&dog, &otter, &duck};
    CHECK(typeid(*animals[UNKNOWN(int, 0)]) == typeid(Dog));
    CHECK(typeid(*animals[1]) != typeid(Dog) && typeid(*animals[1]) == typeid(Otter));
    CHECK(std::strstr(typeid(*animals[2]).name(), "Duck") != nullptr);
    Swimmer *swimmer = &otter;
    CHECK(static_cast<void *>(swimmer) != static_cast<void *>(&otter) && typeid(*swimmer) == typeid(Otter));
    return 0;
}
