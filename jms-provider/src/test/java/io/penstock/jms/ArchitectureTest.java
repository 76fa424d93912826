package io.penstock.jms;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Inside the client: jms -> session -> client <- wire -> transport, message for bodies and conversion. */
@AnalyzeClasses(packages = "io.penstock.jms", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule sessionsKnowThePortAndNotTheWire = noClasses()
            .that()
            .resideInAPackage("..jms.session..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..jms.wire..", "..jms.transport..", "..jms.jndi..", "..protocol.message..", "io.netty..");

    @ArchTest
    static final ArchRule thePortHasNoWireTypes = noClasses()
            .that()
            .resideInAPackage("..jms.client..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..jms.session..",
                    "..jms.wire..",
                    "..jms.transport..",
                    "..jms.jndi..",
                    "io.penstock.protocol..",
                    "io.netty..");

    @ArchTest
    static final ArchRule xaKnowsSessionsByItsPortAlone = noClasses()
            .that()
            .resideInAPackage("..jms.xa..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..jms.session..",
                    "..jms.wire..",
                    "..jms.transport..",
                    "..jms.jndi..",
                    "io.penstock.protocol..",
                    "io.netty..");

    @ArchTest
    static final ArchRule theEngineDoesNotKnowTheObjectsAboveThePort = noClasses()
            .that()
            .resideInAPackage("..jms.wire..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..jms.session..", "..jms.jndi..", "io.netty..");

    @ArchTest
    static final ArchRule theTransportKnowsFramesAndNothingElse = noClasses()
            .that()
            .resideInAPackage("..jms.transport..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..jms.session..",
                    "..jms.wire..",
                    "..jms.client..",
                    "..jms.message..",
                    "..jms.jndi..",
                    "io.penstock.protocol..",
                    "jakarta..");

    @ArchTest
    static final ArchRule messagesKnowDestinationsAndNoConnection = noClasses()
            .that()
            .resideInAPackage("..jms.message..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..jms.session..",
                    "..jms.wire..",
                    "..jms.client..",
                    "..jms.transport..",
                    "..jms.jndi..",
                    "io.netty..");

    @ArchTest
    static final ArchRule nettyIsTheTransportsAlone = noClasses()
            .that()
            .resideOutsideOfPackage("..jms.transport..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..");

    @ArchTest
    static final ArchRule theClientKnowsNeitherBrokerNorKafka = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.penstock.broker..", "io.penstock.storage..", "org.apache.kafka..", "org.apache.zookeeper..");

    @ArchTest
    static final ArchRule timeIsAskedOfTheClock = noClasses()
            .that()
            .resideInAnyPackage(
                    "..jms.session..",
                    "..jms.client..",
                    "..jms.message..",
                    "..jms.jndi..",
                    "..jms.xa..",
                    "io.penstock.jms")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethodWhere(com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                    com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.<JavaClass>owner(
                                    JavaClass.Predicates.equivalentTo(Thread.class))
                            .and(com.tngtech.archunit.core.domain.properties.HasName.Predicates.name("sleep"))));
}
