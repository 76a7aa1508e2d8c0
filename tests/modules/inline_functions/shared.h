#ifndef SHARED_H
#define SHARED_H
// Each object has a copy of all of this in a COMDAT group; one copy is kept.
inline int calls() { static int count = 0; return ++count; }
template <typename T> T largest(T a, T b) { return a < b ? b : a; }
template <typename T> struct Registry { static T last; };
template <typename T> T Registry<T>::last = T(7);
inline int shared_variable = 5;
struct Base { virtual ~Base() {} virtual int id() const { return 1; } };
typedef int (*Calls)();
#endif
