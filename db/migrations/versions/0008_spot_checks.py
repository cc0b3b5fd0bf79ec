"""random draws of settled records, to be checked by people"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spot_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("strata", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_spot_checks_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_checks")),
    )
    op.create_index(op.f("ix_spot_checks_project_id"), "spot_checks", ["project_id"])
    op.create_table(
        "spot_check_items",
        sa.Column("check_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("category", sa.String(length=255), nullable=True),
        sa.Column("tags", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["check_id"], ["spot_checks.id"], name=op.f("fk_spot_check_items_check_id_spot_checks")
        ),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_spot_check_items_record_id_records")),
        sa.PrimaryKeyConstraint("check_id", "record_id", name=op.f("pk_spot_check_items")),
    )
    op.create_index(op.f("ix_spot_check_items_record_id"), "spot_check_items", ["record_id"])


def downgrade() -> None:
    op.drop_table("spot_check_items")
    op.drop_table("spot_checks")
