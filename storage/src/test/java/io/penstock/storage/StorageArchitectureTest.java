package io.penstock.storage;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The directions of this module: log → disk, time; nothing of clients, networks or coordination. */
@AnalyzeClasses(packages = "io.penstock.storage", importOptions = ImportOption.DoNotIncludeTests.class)
class StorageArchitectureTest {

    @ArchTest
    static final ArchRule knowsNothingOfClientsAndNetworks = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.kafka..",
                    "io.netty..",
                    "org.apache.zookeeper..",
                    "org.apache.curator..",
                    "jakarta..",
                    "io.penstock.broker..",
                    "io.penstock.jms..",
                    "io.penstock.protocol.message..");

    @ArchTest
    static final ArchRule portsDoNotKnowTheLog = noClasses()
            .that()
            .resideInAnyPackage("io.penstock.storage.disk", "io.penstock.storage.time")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.penstock.storage.log");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.penstock.storage.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule onlyTheTimePackageReadsClocks = noClasses()
            .that()
            .resideOutsideOfPackage("io.penstock.storage.time")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class);

    @ArchTest
    static final ArchRule onlyTheDiskPackageOpensFiles = noClasses()
            .that()
            .resideOutsideOfPackage("io.penstock.storage.disk")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.nio.file.Files");
}
