/* Indirect functions (IFUNC): a resolver chooses the code when the module is loaded. Every use of such a name, here and in
 * other objects, by call, by pointer in data and by address taken, leads to what was chosen, and all addresses are equal. */
#include "../check.h"
#include "indirect.h"

/* What resolvers look at: data that are relocated before any of them runs. */
static const int chosen = 1;
static const int *const choice = &chosen;
static int resolver_calls;

static int first(int value) { return value + 10; }
static int second(int value) { return value + 20; }

static function *resolve_global(void)
{
    resolver_calls++;
    return *choice ? second : first;
}

int global_choice(int value) __attribute__((ifunc("resolve_global")));

static function *resolve_local(void)
{
    return first;
}

static int local_choice(int value) __attribute__((ifunc("resolve_local")));

/* The chosen function may be another object's. */
static function *resolve_elsewhere(void)
{
    return defined_elsewhere;
}

int elsewhere_choice(int value) __attribute__((ifunc("resolve_elsewhere")));

static function *const in_constants = global_choice;
function *in_data = global_choice;

int main(void)
{
    CHECK(global_choice(1) == 21);
    CHECK(local_choice(1) == 11);
    CHECK(elsewhere_choice(1) == 31);
    CHECK(call_from_elsewhere(2) == 22);
    CHECK(in_constants(3) == 23);
    CHECK(in_data(4) == 24);
    CHECK(in_constants == in_data);
    CHECK(address_from_elsewhere() == in_data);
    function *volatile in_register = global_choice;
    CHECK(in_register == in_data);
    /* Once, however often the name is used. */
    CHECK(resolver_calls == 1);
    return 0;
}
