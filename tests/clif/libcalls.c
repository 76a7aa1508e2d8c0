// Routines for floating point, as far as libcalls.clif needs them: of small numbers.

double trunc(double number)
{
    return (double)(long)number;
}

double ceil(double number)
{
    double whole = (double)(long)number;
    return whole < number ? whole + 1 : whole;
}

double floor(double number)
{
    double whole = (double)(long)number;
    return whole > number ? whole - 1 : whole;
}

double fma(double factor, double other, double summand)
{
    return factor * other + summand;
}
