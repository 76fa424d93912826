package io.penstock.protocol;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What docs/architecture.md says of this module. */
@AnalyzeClasses(packages = "io.penstock.protocol", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule NOTHING_FROM_OUTSIDE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache..",
                    "jakarta..",
                    "javax.jms..",
                    "io.netty..",
                    "io.penstock.storage..",
                    "io.penstock.broker..",
                    "io.penstock.jms..");

    @ArchTest
    static final ArchRule COMPRESSION_BELONGS_TO_RECORDS = noClasses()
            .that()
            .resideOutsideOfPackage("io.penstock.protocol.record..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("net.jpountz..", "com.github.luben..", "org.xerial..");

    @ArchTest
    static final ArchRule JSON_BELONGS_TO_BODIES = noClasses()
            .that()
            .resideOutsideOfPackage("io.penstock.protocol.jms..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.fasterxml..");

    @ArchTest
    static final ArchRule RECORDS_AND_MESSAGES_STAND_ALONE = noClasses()
            .that()
            .resideInAnyPackage("io.penstock.protocol.record..", "io.penstock.protocol.message..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.penstock.protocol.jms..", "io.penstock.protocol.name..");

    @ArchTest
    static final ArchRule TIME_AND_CHANCE_COME_FROM_THE_CALLER = noClasses()
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(java.util.Random.class);
}
