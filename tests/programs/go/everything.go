// What a Go program leans on: goroutines and channels, select and timers, a collector under pressure, locks,
// files, signals, and children. Prints only what is the same in every run.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Numbers go through a chain of goroutines, each of which adds one.
func chain(length, count int) {
	first := make(chan int)
	in := first
	for i := 0; i < length; i++ {
		out := make(chan int)
		go func(in, out chan int) {
			for n := range in {
				out <- n + 1
			}
			close(out)
		}(in, out)
		in = out
	}
	go func() {
		for i := 0; i < count; i++ {
			first <- i
		}
		close(first)
	}()
	sum := 0
	for n := range in {
		sum += n
	}
	fmt.Println("chain", sum)
}

// The sieve, one goroutine for each prime.
func primes(count int) {
	filter := func(in <-chan int, out chan<- int, prime int) {
		for n := range in {
			if n%prime != 0 {
				out <- n
			}
		}
	}
	numbers := make(chan int)
	go func(all chan<- int) {
		for n := 2; ; n++ {
			all <- n
		}
	}(numbers)
	last := 0
	for i := 0; i < count; i++ {
		last = <-numbers
		next := make(chan int)
		go filter(numbers, next, last)
		numbers = next
	}
	fmt.Println("prime", last)
}

type node struct {
	left, right *node
	weight      [4]int
}

func grow(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{left: grow(depth - 1), right: grow(depth - 1)}
}

func (n *node) count() int {
	if n == nil {
		return 0
	}
	return 1 + n.left.count() + n.right.count()
}

// Trees that live for a moment, made by several goroutines while a long-lived one must survive.
func pressure() {
	debug.SetGCPercent(20)
	keep := grow(14)
	var total int64
	var wait sync.WaitGroup
	for i := 0; i < 8; i++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for j := 0; j < 30; j++ {
				atomic.AddInt64(&total, int64(grow(9).count()))
			}
		}()
	}
	wait.Wait()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	fmt.Println("trees", total, keep.count(), "collected", stats.NumGC > 2)
}

func locks() {
	var lock sync.Mutex
	var readers sync.RWMutex
	var wait sync.WaitGroup
	count, table := 0, map[int]int{}
	for i := 0; i < 50; i++ {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			for j := 0; j < 200; j++ {
				lock.Lock()
				count++
				lock.Unlock()
				if j%20 == 0 {
					readers.Lock()
					table[i] += j
					readers.Unlock()
				}
				readers.RLock()
				_ = table[i]
				readers.RUnlock()
			}
		}(i)
	}
	wait.Wait()
	sum := 0
	for _, n := range table {
		sum += n
	}
	fmt.Println("locks", count, sum)
}

func timers() {
	start := time.Now()
	slept := make(chan int, 10)
	for _, ms := range []int{50, 10, 30, 20, 40} {
		go func(ms int) {
			time.Sleep(time.Duration(ms) * 10 * time.Millisecond)
			slept <- ms
		}(ms)
	}
	order := []int{}
	for len(order) < 5 {
		order = append(order, <-slept)
	}
	fmt.Println("slept", order, time.Since(start) >= 500*time.Millisecond)
	ticker := time.NewTicker(20 * time.Millisecond)
	ticks := 0
	for ticks < 5 {
		select {
		case <-ticker.C:
			ticks++
		case <-time.After(10 * time.Second):
			fmt.Println("no tick")
			return
		}
	}
	ticker.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	fmt.Println("ticks", ticks, ctx.Err())
	select {
	case <-make(chan int):
	default:
		fmt.Println("nothing")
	}
}

func files() {
	text, err := os.ReadFile("/etc/airlock-test")
	fmt.Printf("%q %v\n", text, err)
	_, err = os.ReadFile("/nonexistent")
	fmt.Println(err, errors.Is(err, os.ErrNotExist))
	dir, err := os.MkdirTemp("/dev/shm", "go")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for i := 0; i < 20; i++ {
		os.WriteFile(fmt.Sprintf("%s/%02d", dir, i), []byte(strings.Repeat("x", i*1000)), 0600)
	}
	entries, _ := os.ReadDir(dir)
	names := []string{}
	size := int64(0)
	for _, e := range entries {
		info, _ := e.Info()
		names = append(names, e.Name())
		size += info.Size()
	}
	sort.Strings(names)
	fmt.Println("files", len(names), names[0], names[19], size)
	all, _ := os.ReadFile(dir + "/19")
	fmt.Printf("%x\n", sha256.Sum256(all))
}

// A pipe's read goes through the runtime's poller: epoll, edge-triggered.
func pipes() {
	r, w, _ := os.Pipe()
	go func() {
		for i := 0; i < 100; i++ {
			fmt.Fprintf(w, "line %d\n", i)
			if i%10 == 0 {
				time.Sleep(time.Millisecond)
			}
		}
		w.Close()
	}()
	all, err := io.ReadAll(r)
	fmt.Println("pipe", len(all), err)
	r, w, _ = os.Pipe()
	r.SetReadDeadline(time.Now().Add(30 * time.Millisecond))
	_, err = r.Read(make([]byte, 1))
	fmt.Println(errors.Is(err, os.ErrDeadlineExceeded))
	go func() {
		time.Sleep(20 * time.Millisecond)
		r.Close()
	}()
	r.SetReadDeadline(time.Time{})
	_, err = r.Read(make([]byte, 1))
	fmt.Println(errors.Is(err, os.ErrClosed))
	w.Close()
}

func signals() {
	got := make(chan os.Signal, 10)
	signal.Notify(got, syscall.SIGUSR1, syscall.SIGHUP)
	for _, s := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGHUP} {
		syscall.Kill(os.Getpid(), s)
		fmt.Println("signal", <-got)
	}
	signal.Stop(got)
	signal.Ignore(syscall.SIGHUP)
	syscall.Kill(os.Getpid(), syscall.SIGHUP)
	defer func() {
		fmt.Println("recovered", recover())
	}()
	var nothing *node
	fmt.Println(nothing.left)
}

func children() {
	self, _ := os.Executable()
	out, err := exec.Command(self, "child", "3").Output()
	fmt.Printf("%q %v\n", out, err)
	c := exec.Command(self, "echo")
	c.Stdin = strings.NewReader("through the child\n")
	out, err = c.CombinedOutput()
	fmt.Printf("%q %v\n", out, err)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	fmt.Println(exec.CommandContext(ctx, self, "sleep").Run())
	fmt.Println(exec.Command("/nonexistent").Run())
	var wait sync.WaitGroup
	var sum int64
	for i := 0; i < 8; i++ {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			err := exec.Command(self, "child", fmt.Sprint(i)).Run()
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				atomic.AddInt64(&sum, int64(exit.ExitCode()))
			}
		}(i)
	}
	wait.Wait()
	fmt.Println("children", sum)
}

// Goroutines that never call anything must still give way: the runtime stops them by signals.
func preemption() {
	var stop int32
	var spins [4]int
	var wait sync.WaitGroup
	for i := range spins {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			for atomic.LoadInt32(&stop) == 0 {
				spins[i]++
			}
		}(i)
	}
	for i := 0; i < 5; i++ {
		time.Sleep(10 * time.Millisecond)
		runtime.GC()
	}
	atomic.StoreInt32(&stop, 1)
	wait.Wait()
	fmt.Println("spun", spins[0] > 0 && spins[3] > 0)
}

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "child":
			fmt.Println("child", os.Args[2])
			os.Exit(int(os.Args[2][0] - '0'))
		case "echo":
			io.Copy(os.Stdout, os.Stdin)
		case "sleep":
			time.Sleep(time.Minute)
		}
		return
	}
	runtime.GOMAXPROCS(4)
	chain(100, 200)
	primes(150)
	pressure()
	locks()
	timers()
	files()
	pipes()
	signals()
	children()
	preemption()
	fmt.Println("done")
}
