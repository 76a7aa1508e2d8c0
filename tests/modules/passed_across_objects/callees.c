#include "values.h"

struct large shift(struct large large, long by)
{
    for (int i = 0; i < 6; i++)
        large.values[i] += by;
    return large;
}

struct mixed scale(struct mixed mixed) { return (struct mixed){mixed.x * mixed.n, -mixed.n}; }

double weigh(double a, double b, double c, double d, double e, double f, double g, double h, double i, int j, int k, int l,
             int m, int n, int o, int p, int q, int r)
{
    double floats = a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i;
    return floats + 10 * (j + 2 * k + 3 * l + 4 * m + 5 * n + 6 * o + 7 * p + 8 * q + 9 * r);
}
