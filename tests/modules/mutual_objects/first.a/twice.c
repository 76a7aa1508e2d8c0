int add(int one, int other);
int twice(int number);

int twice(int number) { return add(number, number); }
