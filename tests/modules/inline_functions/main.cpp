//@ options: -std=c++17
// Inline functions, templates, inline variables and vtables in two objects are one of each.
#include "../check.h"
#include "shared.h"

Calls address_of_calls();
int call_twice();
int *address_of_variable();
int *address_of_last();
Base *make_base();

int main()
{
    CHECK(calls() == 1);
    CHECK(call_twice() == 5);
    CHECK(calls() == 4);
    CHECK(address_of_calls() == &calls);
    CHECK(address_of_variable() == &shared_variable && shared_variable == 7);
    CHECK(address_of_last() == &Registry<int>::last && Registry<int>::last == 7);
    CHECK(largest(UNKNOWN(int, 3), 4) == 4);
    Base *theirs = make_base();
    Base ours;
    CHECK(*reinterpret_cast<void **>(theirs) == *reinterpret_cast<void **>(&ours));
    CHECK(theirs->id() == 1);
    delete theirs;
    return 0;
}
