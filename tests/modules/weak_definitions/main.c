/* A strong definition replaces a weak one for every object, those that hold the weak one included. */
#include "../check.h"

int standing(void);
int seen_beside_the_weak_one(void);

int weak_value = 200;

int overridden(void)
{
    return 100;
}

int main(void)
{
    CHECK(overridden() == 100);
    CHECK(standing() == 10);
    CHECK(seen_beside_the_weak_one() == 300);
    return 0;
}
