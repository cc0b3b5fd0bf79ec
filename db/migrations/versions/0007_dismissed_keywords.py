"""advice on keywords that was turned down"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dismissed_keywords",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("advice", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=255), nullable=False),
        sa.Column("stems", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_dismissed_keywords_project_id_projects")
        ),
        sa.PrimaryKeyConstraint("project_id", "advice", "category", "stems", name=op.f("pk_dismissed_keywords")),
    )


def downgrade() -> None:
    op.drop_table("dismissed_keywords")
