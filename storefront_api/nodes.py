import strawberry


@strawberry.interface(description="Something that can be asked for again by its id.")
class Node:
    id: strawberry.ID
