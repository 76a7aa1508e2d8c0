// What data.clif reads and writes.

const int powers[] = {1, 10, 100, 1000};

long counter[2];

long count_to(long steps)
{
    counter[1] = counter[0] + steps;
    return counter[1];
}
