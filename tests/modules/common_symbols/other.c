//@ options: -fcommon
/* The same tentative definitions as the other object's: the larger size and the initialised one win. */
int shared;
char area[4096];
int initialised = 5;

int *other_address_of_shared(void)
{
    return &shared;
}
