package io.penstock.broker.simulation;

import io.penstock.broker.partition.Owners;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.simulation.SimulatedWorkers;
import io.penstock.storage.time.Owner;
import java.util.List;

/** The threads of one life of a broker: they stop together, as by SIGSTOP, and die together. */
final class SimulatedProcess implements Owners {
    final SimulatedOwner loop;
    final SimulatedOwner metadata;
    final SimulatedWorkers workers;
    private boolean paused;
    private boolean dead;

    SimulatedProcess(SimulatedTime time, String name) {
        this.loop = new SimulatedOwner(time, name + "-loop");
        this.metadata = new SimulatedOwner(time, name + "-metadata", 50_000);
        this.workers = new SimulatedWorkers(time, name);
    }

    @Override
    public Owner next() {
        return loop;
    }

    @Override
    public List<Owner> all() {
        return List.of(loop);
    }

    boolean paused() {
        return paused;
    }

    boolean dead() {
        return dead;
    }

    void pause() {
        paused = true;
        loop.pause();
        metadata.pause();
        workers.pause();
    }

    void resume() {
        paused = false;
        loop.resume();
        metadata.resume();
        workers.resume();
    }

    void kill() {
        dead = true;
        loop.kill();
        metadata.kill();
        workers.kill();
    }
}
