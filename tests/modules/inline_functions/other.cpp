//@ options: -std=c++17
// Uses everything that main.cpp uses, so that the two objects share COMDAT groups.
#include "shared.h"

Calls address_of_calls() { return calls; }
int call_twice() { return calls() + calls(); }
int *address_of_variable() { shared_variable += largest(1, 2); return &shared_variable; }
int *address_of_last() { return &Registry<int>::last; }
Base *make_base() { return new Base; }
